/** A mistake in the data of a study or of a site: where it stands and what to do. */
export interface StudyFault {
  file: string;
  /** Counts from 1; null when the file as a whole is meant. */
  line: number | null;
  /** Path inside the file, e.g. `characteristic[3].extension[1]`. */
  path: string;
  message: string;
}
