#!/usr/bin/env node
import { main } from '../doctor/cli/main.ts';
import { isOperation, operate } from '../doctor/cli/operate.ts';

const [command, ...args] = process.argv.slice(2);
void (isOperation(command) ? operate(command, args) : main(process.argv.slice(2)));
