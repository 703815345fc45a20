// Package accounts is who the customers and the staff are: accounts in their tree, contacts and what they may see of it,
// agents and teams. Its reads are values of postgres.Query, to be run alone or beside others.
package accounts
