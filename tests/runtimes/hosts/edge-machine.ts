/** Evaluates a script in an edge machine, a process of its own, and writes the report that it leaves in a global. */
import { readFileSync } from 'node:fs';
import { EdgeVM } from '@edge-runtime/vm';

const [script, engine] = process.argv.slice(2) as [string, string];
const machine = new EdgeVM();
const compile = machine.evaluate('(bytes) => new WebAssembly.Module(bytes)');
machine.context['engineModule'] = compile(readFileSync(engine));
machine.evaluate(readFileSync(script, 'utf8'));
console.log(JSON.stringify(await machine.context['report']));
