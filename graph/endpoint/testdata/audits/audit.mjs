// Asks a server, by its address, what the GraphQL-over-HTTP audits ask, with the bearer token in TOKEN. Prints one line
// for each audit: its result, its id, its name, and the reason where it is not ok.
import { serverAudits } from 'graphql-http';

const authorized = (url, init = {}) =>
  fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${process.env.TOKEN}` } });

for (const audit of serverAudits({ url: process.argv[2], fetchFn: authorized })) {
  const result = await audit.fn();
  console.log([result.status, audit.id, audit.name, result.reason ?? ''].join('\t'));
}
