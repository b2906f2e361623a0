// Everything but the errors, which stand in a file of their own. Each subpath exports its part of this one instance.
export * from '../index.ts';
export * from '../subpaths/adaptive.ts';
export * from '../subpaths/kit.ts';
export * from '../subpaths/queue.ts';
