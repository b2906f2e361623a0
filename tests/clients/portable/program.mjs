import process from 'node:process';
import { check } from './check.mjs';

const [, , url, dead] = process.argv;
console.log(JSON.stringify(await check(url, dead)));
process.exit();
