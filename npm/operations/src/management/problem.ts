/** Kinds of problems, each with its HTTP status and its title. */
export const PROBLEMS = {
  'bad-request': [400, 'The request cannot be read'],
  forbidden: [403, 'Access is not allowed'],
  'cross-site': [403, 'The request may come from another site'],
  'not-found': [404, 'There is no such resource'],
  'method-not-allowed': [405, 'The resource has no such method'],
  timeout: [408, 'The request took too long'],
  conflict: [409, 'The state of the resource does not allow it'],
  'too-large': [413, 'The request body is too large'],
  'uri-too-long': [414, 'The address is too long'],
  'unsupported-media-type': [415, 'The request body has no supported format'],
  invalid: [422, 'The request has invalid values'],
  'too-many-requests': [429, 'There are too many requests'],
  internal: [500, 'The management API failed'],
  dependency: [503, 'A function of the program failed'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

/** Kind of a problem. */
export type ProblemKind = keyof typeof PROBLEMS;

/** Problem of one field of a request. */
export interface FieldProblem {
  /** Name of the field, or path of the option. */
  readonly field: string;
  /** Description that never shows a value. */
  readonly message: string;
}

/** Problem document, as RFC 9457 has it. */
export interface ProblemDocument {
  /** `urn:fusewire:problem:` and the kind. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Problems of single fields; with `invalid` only. */
  readonly problems?: readonly FieldProblem[];
}

/** Problem that ends a request. Its response is a problem document. */
export class RequestProblem extends Error {
  readonly kind: ProblemKind;
  readonly problems: readonly FieldProblem[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    detail: string,
    more: { problems?: readonly FieldProblem[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.kind = kind;
    this.problems = more.problems;
    this.headers = more.headers ?? {};
  }

  /** Document of the problem. */
  get document(): ProblemDocument {
    const [status, title] = PROBLEMS[this.kind];
    const document = { type: `urn:fusewire:problem:${this.kind}`, title, status, detail: this.message };
    return this.problems === undefined ? document : { ...document, problems: this.problems };
  }
}
