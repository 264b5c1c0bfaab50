import type { openApi } from '../../src/http/openapi/document.ts';

type Document = ReturnType<typeof openApi>;

/** An operation of the document, as far as tests look at it. */
export interface Operation {
  operationId: string;
  requestBody?: { content: Readonly<Record<string, unknown>> };
  responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema: { $ref?: string } }>> }>>;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Every operation by `METHOD /template`. */
export function operationsOf({ paths }: Pick<Document, 'paths'>): Map<string, Operation> {
  return new Map(
    Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method]) => METHODS.includes(method))
        .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation as Operation] as const),
    ),
  );
}

/** The operation that a request is for; undefined where it is for none of the document. */
export function operationFor(
  operations: ReadonlyMap<string, Operation>,
  method: string,
  path: string,
  type: string,
): Operation | undefined {
  const [bare] = path.split('?');
  for (const [name, operation] of operations) {
    const [of, template] = name.split(' ') as [string, string];
    const form = new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`);
    if (of !== method || !form.test(bare!)) continue;
    // The base of FHIR takes Bundles too, which is not of this document.
    return operation.operationId !== 'lines' || /ndjson/i.test(type) ? operation : undefined;
  }
  return undefined;
}
