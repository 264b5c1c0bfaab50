import type { Gateway } from './gateway.ts';

/** Something failed for one of several studies of a run. What was committed for any of them stands. */
export class StudyFault extends Error {
  readonly study: string;

  constructor(study: string, cause: unknown) {
    super(`The work for the study ${study} failed.`, { cause });
    this.study = study;
  }
}

/** Does something for one of the studies of a run; a fault of one of several says whose it is. */
export async function ofStudy<S extends { gateway: Pick<Gateway, 'loaded'> }, T>(
  studies: readonly S[],
  at: number,
  work: (study: S) => Promise<T>,
): Promise<T> {
  const study = studies[at]!;
  try {
    return await work(study);
  } catch (error) {
    throw studies.length > 1 ? new StudyFault(study.gateway.loaded.study.id, error) : error;
  }
}
