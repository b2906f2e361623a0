/** A model of a Prisma client, such as `prisma.eventLog`, or an object with the same methods. */
export interface PrismaModel {
  createMany(args: never): PromiseLike<{ readonly count: number }>;
  findMany(args: never): PromiseLike<readonly unknown[]>;
  deleteMany(args: never): PromiseLike<{ readonly count: number }>;
}

/** Columns of one row, by their names in the schema. */
export type Row = Readonly<Record<string, unknown>>;

/** Condition of a query, in the words of Prisma. */
export type Where = Readonly<Record<string, unknown>>;

/** Methods of a model, with the arguments that this package passes. */
export interface Model {
  createMany(args: { readonly data: readonly Row[] }): PromiseLike<{ readonly count: number }>;
  findMany(args: {
    readonly where: Where;
    readonly orderBy: Row;
    readonly take?: number;
    readonly select?: Row;
  }): PromiseLike<readonly Row[]>;
  deleteMany(args: { readonly where: Where }): PromiseLike<{ readonly count: number }>;
}

/** Whether `value` has the methods of a model that this package calls. */
export function isPrismaModel(value: unknown): value is PrismaModel {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const { createMany, findMany, deleteMany } = value as Partial<PrismaModel>;
  return [createMany, findMany, deleteMany].every((method) => typeof method === 'function');
}
