/** A ViewDefinition as it is written (SQL on FHIR v2, "StructureDefinition: View Definition"). */
export interface ViewDefinition {
  resourceType: 'ViewDefinition';
  url?: string;
  name: string;
  status: string;
  resource: string;
  constant?: { name: string }[];
  where?: { path: string }[];
  select: ViewSelect[];
}

export interface ViewSelect {
  column?: ViewColumn[];
  select?: ViewSelect[];
  forEach?: string;
  forEachOrNull?: string;
  unionAll?: ViewSelect[];
}

export interface ViewColumn {
  name: string;
  path: string;
  collection?: boolean;
  type?: string;
  description?: string;
}

/** A view that was found to be right: evaluated as it is, and always with all its columns. */
export interface View {
  /** Name of the table and of its files. */
  name: string;
  /** R4 type of the resources it reads. */
  resource: string;
  columns: readonly Pick<ViewColumn, 'name' | 'type' | 'description'>[];
  /** The definition with its expressions parsed once. */
  parsed: ViewDefinition;
}

/** The columns of a select in the order in which they are written; those of a union are those of its first branch. */
export function columnsOf(select: ViewSelect): ViewColumn[] {
  return [
    ...(select.column ?? []),
    ...(select.select ?? []).flatMap(columnsOf),
    ...(select.unionAll?.[0] ? columnsOf(select.unionAll[0]) : []),
  ];
}
