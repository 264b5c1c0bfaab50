import type { Gateway } from './gateway.ts';

/** Something failed for one of several studies of a run. What was committed for any of them stands. */
export class StudyFault extends Error {
  readonly study: string;

  constructor(study: string, cause: unknown) {
    super(`The work for the study ${study} failed.`, { cause });
    this.study = study;
  }
}

/** A fault of the work for one of the studies of a run, as it is to be thrown: of several it says whose it is. */
export function faultOf(studies: readonly { gateway: Pick<Gateway, 'loaded'> }[], at: number, error: unknown): unknown {
  return studies.length > 1 ? new StudyFault(studies[at]!.gateway.loaded.study.id, error) : error;
}

/** Does something for one of the studies of a run. @throws faultOf whatever it throws */
export async function ofStudy<S extends { gateway: Pick<Gateway, 'loaded'> }, T>(
  studies: readonly S[],
  at: number,
  work: (study: S) => Promise<T>,
): Promise<T> {
  try {
    return await work(studies[at]!);
  } catch (error) {
    throw faultOf(studies, at, error);
  }
}
