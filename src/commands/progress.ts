/** A progress bar on a terminal: bytes, resources a second, time left. Anywhere else it prints nothing. */
export interface Progress {
  bytes(count: number): void;
  resource(): void;
  done(): void;
}

const WIDTH = 30;
const EVERY_MS = 200;

export function createProgress(total: number, out: NodeJS.WriteStream, clock: () => number): Progress {
  const started = clock();
  let [bytes, resources, shown] = [0, 0, 0];
  function draw(): void {
    const seconds = Math.max(0.001, (clock() - started) / 1000);
    const share = total > 0 ? Math.min(1, bytes / total) : 0;
    const bar = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░');
    const left = share > 0 ? `${Math.ceil((seconds / share) * (1 - share))} s left` : '';
    const rate = Math.round(resources / seconds);
    out.write(
      `\r${bar} ${Math.round(share * 100)} %  ${(bytes / 1e6).toFixed(1)} MB  ${rate} resources/s  ${left}\x1b[K`,
    );
  }
  function tick(): void {
    if (!out.isTTY || clock() - shown < EVERY_MS) return;
    shown = clock();
    draw();
  }
  return {
    bytes(count) {
      bytes += count;
      tick();
    },
    resource() {
      resources++;
      tick();
    },
    done() {
      if (out.isTTY) out.write('\r\x1b[K');
    },
  };
}
