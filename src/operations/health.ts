/** Why a part is not ready, as a stable code; null when it is. */
export type Check = () => Promise<string | null>;

/** How one part is. */
export interface PartHealth {
  ready: boolean;
  /** Why not. */
  code?: string;
}

export interface HealthReport {
  ready: boolean;
  parts: Readonly<Record<string, PartHealth>>;
}

/** What the service is made of, and whether each part can work. */
export interface Health {
  /** Adds a part. A check that throws, or takes longer than the limit, is not ready. */
  register(part: string, check: Check): void;
  report(): Promise<HealthReport>;
}

/** @param limit milliseconds that a check may take */
export function createHealth(limit: number): Health {
  const checks = new Map<string, Check>();
  return {
    register(part, check) {
      if (checks.has(part)) throw new Error(`The part ${part} is registered twice.`);
      checks.set(part, check);
    },
    async report() {
      const parts = await Promise.all(
        [...checks].map(async ([part, check]) => {
          const code = await within(limit, check);
          return [part, code === null ? { ready: true } : { ready: false, code }] as const;
        }),
      );
      return { ready: parts.every(([, { ready }]) => ready), parts: Object.fromEntries(parts) };
    },
  };
}

async function within(limit: number, check: Check): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('check-timeout'), limit);
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    return 'check-failed';
  } finally {
    clearTimeout(timer);
  }
}
