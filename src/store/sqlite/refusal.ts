/** Why a store file was not opened. The codes are stable: scripts may rely on them. */
export const STORE_REFUSALS = {
  'store-not-ours': 'The file is not a store of this gateway. Name another file, or leave the option out.',
  'store-newer': 'The store was written by a newer version of the gateway. Use that version or a later one.',
  'store-unusable':
    'The store cannot be opened for reading and writing. Check that the path names a file in a folder you may write to.',
  'store-busy': 'Another program holds the store. Wait until it has ended, then try again.',
  'store-damaged': 'The store is damaged. Put back the last good backup; nothing was changed.',
} as const;

export type StoreRefusalCode = keyof typeof STORE_REFUSALS;

/** Thrown by `openSqliteStore` when the file cannot serve as the store; the message says what to do. */
export class StoreRefusal extends Error {
  readonly code: StoreRefusalCode;

  constructor(code: StoreRefusalCode) {
    super(STORE_REFUSALS[code]);
    this.name = 'StoreRefusal';
    this.code = code;
  }
}

// Primary result codes: https://www.sqlite.org/rescode.html
const REFUSAL_OF_RESULT = new Map<number, StoreRefusalCode>([
  [3, 'store-unusable'],
  [5, 'store-busy'],
  [6, 'store-busy'],
  [8, 'store-unusable'],
  [10, 'store-unusable'],
  [11, 'store-damaged'],
  [14, 'store-unusable'],
  [26, 'store-not-ours'],
]);

const REFUSAL_OF_SYSTEM_ERROR = new Set(['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR', 'EEXIST', 'ENOENT']);

/** The refusal that an error met while opening stands for; any other error is given back as it is. */
export function asStoreRefusal(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return error;
  const { errcode, code } = error as { errcode?: number; code?: string };
  // The low byte of an extended result code is the primary one.
  const refusal = errcode === undefined ? undefined : REFUSAL_OF_RESULT.get(errcode & 0xff);
  if (refusal !== undefined) return new StoreRefusal(refusal);
  if (code !== undefined && REFUSAL_OF_SYSTEM_ERROR.has(code)) return new StoreRefusal('store-unusable');
  return error;
}
