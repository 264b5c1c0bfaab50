/** A map as it is written. Lines count from 1. */
export interface MapSyntax {
  file: string;
  url: string;
  name: string;
  uses: { url: string; alias: string | null; line: number }[];
  imports: { url: string; line: number }[];
  groups: GroupSyntax[];
}

export type Mode = 'source' | 'target';

export interface InputSyntax {
  mode: Mode;
  name: string;
  type: string | null;
  line: number;
}

export interface GroupSyntax {
  name: string;
  line: number;
  inputs: InputSyntax[];
  extends: string | null;
  /** Whether it is the default for its types (`<<types>>` or `<<type+>>`). */
  forTypes: boolean;
  rules: RuleSyntax[];
}

export interface RuleSyntax {
  name: string | null;
  line: number;
  source: SourceSyntax;
  targets: TargetSyntax[];
  calls: CallSyntax[];
  rules: RuleSyntax[];
}

/** A FHIRPath text exactly as it stands in the file. */
export interface ExpressionSyntax {
  text: string;
  line: number;
}

export interface LiteralSyntax {
  value: string | number | boolean;
  /** `string`, `integer`, `decimal` or `boolean` */
  type: string;
  line: number;
}

export const SOURCE_LIST_MODES = ['first', 'not_first', 'last', 'not_last', 'only_one'] as const;
export type SourceListMode = (typeof SOURCE_LIST_MODES)[number];

export interface SourceSyntax {
  line: number;
  context: string;
  element: string | null;
  type: string | null;
  default: LiteralSyntax | null;
  listMode: SourceListMode | null;
  variable: string | null;
  where: ExpressionSyntax | null;
  check: ExpressionSyntax | null;
}

export type ParameterSyntax =
  | { kind: 'name'; name: string; line: number }
  | { kind: 'literal'; literal: LiteralSyntax }
  | { kind: 'expression'; expression: ExpressionSyntax };

export interface TransformSyntax {
  name: string;
  line: number;
  parameters: ParameterSyntax[];
}

export interface TargetSyntax {
  line: number;
  context: string;
  element: string | null;
  transform: TransformSyntax | null;
  variable: string | null;
  listMode: 'share' | 'collate' | null;
  /** The name after `share`. */
  share: string | null;
}

export interface CallSyntax {
  group: string;
  line: number;
  variables: string[];
}
