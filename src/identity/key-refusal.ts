/** Why the keys cannot be used, and what to do. The codes are stable: scripts may rely on them. */
export const KEY_REFUSALS = {
  'key-folder-unusable': 'The key folder cannot be made or used. Name a folder that you own and may write to.',
  'key-folder-open': 'Others may write to the key folder. Close it with chmod 700, and check who changed the keys.',
  'key-site-name': 'A site id with a key must be 1 to 64 letters, digits, dots, hyphens or underscores.',
  'key-unreadable': 'A key file cannot be read. Check that it is a file that you own.',
  'key-open': 'Others than its owner may read or write a key file. Close it with chmod 600.',
  'key-length': 'A key file does not hold 32 bytes. Put back the original file; never make a new one in its place.',
  'key-damaged':
    'The key of access tokens is damaged. Remove the file: a new one is made, and clients ask for new tokens.',
  'release-key-damaged':
    'The key that signs releases is damaged. Put back the original file; registries must be told before a new one is made.',
  'secret-short':
    'A secret of notifications must have at least 16 characters, one secret a line. Agree on a longer one.',
  'secret-form': 'A token or secret for a target is one line of printable ASCII. Put back the original file.',
  'client-key-form': 'The key of our client must be a private JWK for RS384 or ES384. Put back the original file.',
  'key-missing': 'The key that the store was written with is gone. Put the original file back into the key folder.',
  'key-mismatch':
    'The store was written with another key or for another study. Name the key folder that belongs to it.',
} as const;

export type KeyRefusalCode = keyof typeof KEY_REFUSALS;

export interface KeyRefusal {
  kind: 'key-refusal';
  code: KeyRefusalCode;
  /** Says which file or folder, and what to do. Never holds a key. */
  message: string;
}

/** @param place file, folder or site that the refusal is about */
export function keyRefusal(code: KeyRefusalCode, place: string): KeyRefusal {
  return { kind: 'key-refusal', code, message: `${place}: ${KEY_REFUSALS[code]}` };
}

export function isKeyRefusal(value: object | null): value is KeyRefusal {
  return value !== null && 'kind' in value && value.kind === 'key-refusal';
}
