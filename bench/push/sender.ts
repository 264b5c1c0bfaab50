import { Agent, request } from 'node:http';

/** One request of an EHR, its body made ready. */
export interface Sent {
  method: 'PUT' | 'POST';
  path: string;
  body: Buffer;
}

/** A hospital's EHR as a client: connections that stay open, one request at a time on each. */
export interface Sender {
  /** Resolves with the answer's status once all of it was read; rejects for any but 2xx. */
  send(sent: Sent): Promise<number>;
  close(): void;
}

export function openSender(url: string, headers: Readonly<Record<string, string>>): Sender {
  const agent = new Agent({ keepAlive: true });
  const sender: Sender = {
    send(sent) {
      const { method, path, body } = sent;
      return new Promise((resolve, reject) => {
        const type = { 'content-type': 'application/fhir+json', 'content-length': body.length };
        const asked = request(`${url}${path}`, { agent, method, headers: { ...headers, ...type } }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const status = answer.statusCode!;
            if (status >= 200 && status < 300) resolve(status);
            else reject(new Error(`${status}: ${Buffer.concat(chunks).toString().slice(0, 400)}`));
          });
        });
        asked.on('error', (error: NodeJS.ErrnoException) => {
          // The service closed an idle connection just now: every write here may be sent again.
          if (asked.reusedSocket && error.code === 'ECONNRESET') resolve(sender.send(sent));
          else reject(error);
        });
        asked.end(body);
      });
    },
    close: () => agent.destroy(),
  };
  return sender;
}

/** Sends all, so many at once, each sender the next when its last was answered. */
export async function sendAll(sender: Sender, all: readonly Sent[], senders: number): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < all.length) await sender.send(all[next++]!);
  };
  await Promise.all(Array.from({ length: senders }, one));
}
