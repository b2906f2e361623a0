/** Stands for `next/server`, which is not installed here: import it before the sources. */
import { registerHooks } from 'node:module';

const source = `
export const tasks = [];
export const after = (task) => void tasks.push(task);
export let connections = 0;
export const connection = async () => void connections++;
`;
const url = `data:text/javascript,${encodeURIComponent(source)}`;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'next/server' ? { url, shortCircuit: true } : next(specifier, context),
});

/** Resolves with the tasks and connections that the sources have asked `next/server` for. */
export const asked: () => Promise<{ tasks: (() => Promise<unknown>)[]; connections: number }> = () => import(url);
