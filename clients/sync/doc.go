// Package sync is what keeps us and the vendors in step, in the background:
//
//   - jobs is the queue: work that is put down in the transaction that makes it necessary, and done by any process that works;
//   - webhooks takes in what vendors tell, and puts down a job that reads how things are now;
//   - mirror keeps copies of what vendors hold, and brings to our tickets what was written on them there. Who writes a message to
//     Zendesk puts its key into the metadata of the change, under zendesk.MessageMark: so it is known when it comes back. Who
//     brings a status there keeps it as zendesk_tickets.applied_status.
//
// A job is a struct with a kind, which travels as JSON, and a function that does it:
//
//	type Greet struct {
//		Contact accounts.ContactID `json:"contact"`
//	}
//
//	func (Greet) Kind() string { return "contact.greet" }
//
//	func (Greet) InsertOpts() river.InsertOpts { return jobs.Once() } // not twice while it waits or is worked on
//
//	jobs.Do(queue, jobs.How{}, func(ctx context.Context, job *river.Job[Greet]) error { … }) // before queue.Start
//
//	err := queue.Enqueue(ctx, tx, Greet{Contact: id}) // tx is the transaction of the change
//
// What a job does must bear being done twice: a process can end between the work and the mark that it is done.
package sync
