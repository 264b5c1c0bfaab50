// As little as a durable service can do: node:http, JSON.parse, a row for each resource, one commit for all requests that
// wait. No check, no person, no authentication. What several senders gain over one here is what the machine allows: its
// cores, and how long its disk takes. Prints its port. `bare-process.ts STORE`
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';

interface Named {
  resourceType: string;
  id: string;
}
interface Bundle extends Named {
  entry: { resource: Named }[];
}

const db = new DatabaseSync(process.argv[2]!);
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
db.exec('CREATE TABLE resource (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT');
const put = db.prepare('INSERT OR REPLACE INTO resource VALUES (?, ?)');

let waiting: { body: string; res: ServerResponse }[] = [];

function commitAll(): void {
  const all = waiting;
  waiting = [];
  db.exec('BEGIN IMMEDIATE');
  for (const { body } of all) {
    const sent = JSON.parse(body) as Named | Bundle;
    const resources = 'entry' in sent ? sent.entry.map(({ resource }) => resource) : [sent];
    for (const one of resources) put.run(`${one.resourceType}/${one.id}`, 'entry' in sent ? JSON.stringify(one) : body);
  }
  db.exec('COMMIT');
  for (const { res } of all) {
    res.writeHead(200, { 'content-type': 'application/fhir+json' });
    res.end('{"resourceType":"OperationOutcome"}');
  }
}

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    waiting.push({ body: Buffer.concat(chunks).toString('utf8'), res });
    if (waiting.length === 1) setImmediate(commitAll);
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
