#!/usr/bin/env node
import { main } from '../doctor/cli/main.ts';

void main(process.argv.slice(2));
