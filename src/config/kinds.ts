import { isIP } from 'node:net';

/** What a text means as a value of a setting, or why it means none: a sentence that does not repeat the text. */
export type Reading<T> = { ok: true; value: T } | { ok: false; why: string };

/** One kind of value: how it is read and how it is shown. */
export interface Kind<T> {
  read(text: string): Reading<T>;
  show(value: T): string;
}

const good = <T>(value: T): Reading<T> => ({ ok: true, value });
const bad = (why: string) => ({ ok: false, why }) as const;
const asText = { show: String };

/** A whole number within bounds. */
export function whole(least: number, most: number): Kind<number> {
  return {
    ...asText,
    read(text) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return value >= least && value <= most ? good(value) : bad(`give a whole number from ${least} to ${most}`);
    },
  };
}

/** Any text that is not empty and has no control characters: a path, an id. */
export const anyText: Kind<string> = {
  ...asText,
  read: (text) => (/^[^\p{Cc}]+$/u.test(text) ? good(text) : bad('give a text that is not empty')),
};

/** One word of a closed list. */
export function oneOf<const T extends string>(...words: readonly T[]): Kind<T> {
  return {
    ...asText,
    read(text) {
      const found = words.find((word) => word === text);
      return found === undefined ? bad(`give one of ${words.join(', ')}`) : good(found);
    },
  };
}

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** A name or an address of this machine to listen on. */
export const host: Kind<string> = {
  ...asText,
  read: (text) => (isIP(text) > 0 || HOST.test(text) ? good(text) : bad('give a host name or an IP address')),
};

/** An http or https URL that others may be told: without credentials, query, fragment and closing slash. */
export const baseUrl: Kind<string> = {
  ...asText,
  read(text) {
    const url = URL.parse(text);
    const plain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(text);
    return plain
      ? good(url.href.replace(/\/+$/, ''))
      : bad('give an http or https URL without user, query and fragment');
  },
};

/** Texts with commas between them, each read alike; an empty text is none. */
function listOf(isOne: (text: string) => boolean, why: string): Kind<readonly string[]> {
  return {
    show: (values) => values.join(','),
    read(text) {
      const values = text.split(',').map((one) => one.trim());
      if (text.trim() === '') return good([]);
      return values.every(isOne) ? good(values) : bad(why);
    },
  };
}

/** `host` or `host:port`, with commas. */
export const hosts = listOf((text) => {
  const [name, port, ...rest] = text.split(':');
  const portFits = port === undefined || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535);
  return HOST.test(name!) && portFits && rest.length === 0;
}, 'give host names, each with a port where it needs one, with commas between them');

/** Addresses, networks (`10.0.0.0/8`) and the words that Express knows for networks, with commas. */
export const networks = listOf((text) => {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address, bits, ...rest] = text.split('/');
  const most = { 4: 32, 6: 128 }[isIP(address!)];
  if (most === undefined || rest.length > 0) return false;
  // A network of everybody would trust what any client says of its address.
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most);
}, 'give addresses, networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal, with commas between them');
