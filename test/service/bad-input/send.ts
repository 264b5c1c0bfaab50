import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import type { OddRequest } from './case.ts';
import type { RawRequest } from './raw-cases.ts';

export interface Answered {
  asked: OddRequest;
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Sends every request, so many at a time over connections that are kept; the answers in the order of the requests. */
export async function sendAll(
  url: string,
  asked: readonly OddRequest[],
  token: string,
  lanes = 32,
): Promise<Answered[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const answers: Answered[] = [];
  const places = asked.keys();
  const lane = async () => {
    for (const at of places) answers[at] = await send(url, asked[at]!, token, agent);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  agent.destroy();
  return answers;
}

function send(url: string, asked: OddRequest, ours: string, agent: Agent): Promise<Answered> {
  const { method, path, headers = {}, body, token = ours } = asked;
  const bytes = body === undefined ? null : Buffer.from(body as string);
  const all: Record<string, string | string[]> = { ...(headers as Record<string, string>) };
  if (token !== null) all.authorization = `Bearer ${token}`;
  if (bytes) all['content-length'] = String(bytes.length);
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, method, path, headers: all, agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ asked, status: answer.statusCode!, headers: answer.headers, text });
      });
    });
    sent.on('error', (error) => reject(new Error(`${asked.name}: ${error.message}`)));
    sent.end(bytes ?? undefined);
  });
}

/** Sends bytes as they are, and gives back all that comes until the other side closes. */
export function sendRaw(url: string, { bytes, cut }: RawRequest): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      socket.end();
    });
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    socket.write(bytes);
    if (cut) socket.end();
  });
}
