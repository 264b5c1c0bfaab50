import type { Place } from '../fhir/refusal.ts';
import type { Arrival, BundleContext, SetAside } from './arrival.ts';
import { arrivalsOf } from './bundle.ts';
import type { Content, FromBundle } from './content.ts';
import { entryArrival } from './entry.ts';
import { MAX_DEPTH, TextReader } from './texts.ts';

/**
 * What was refused, read once more as the program reads now.
 * @param place where it stood when it last arrived
 */
export function* arrivalsAgain(content: Content, place: Place): Generator<Arrival | SetAside> {
  switch (content.form) {
    case 'text':
      yield* arrivalsOfLine(content.text, place);
      break;
    case 'value':
      yield* arrivalsOf(content.value, place, false);
      break;
    case 'entry':
      yield entryArrival(content.entry, place, contextOf(content.bundle));
      break;
    case 'resource': {
      const { resource, fullUrl, bundle } = content;
      yield { kind: 'resource', place, resource, fullUrl, bundle: bundle && contextOf(bundle) };
      break;
    }
    case 'deletion': {
      const { type, id, at, versionId, fullUrl, bundle } = content;
      yield { kind: 'deletion', place, type, id, at, versionId, fullUrl, bundle: bundle && contextOf(bundle) };
    }
  }
}

function* arrivalsOfLine(text: string, place: Place): Generator<Arrival | SetAside> {
  const bytes = Buffer.from(text);
  const reader = new TextReader({ maxDepth: MAX_DEPTH, maxDocumentBytes: bytes.length + 1 });
  for (const read of [...reader.push({ number: place.line ?? 1, bytes }), ...reader.end(false)]) {
    if ('value' in read) yield* arrivalsOf(read.value, place, false);
    else {
      const { reason, message } = read;
      yield { kind: 'refused', place, reason, expression: null, message, content: () => ({ form: 'text', text }) };
    }
  }
}

function contextOf({ fullUrls, ...bundle }: FromBundle): BundleContext {
  return { ...bundle, fullUrls: new Map(Object.entries(fullUrls)) };
}
