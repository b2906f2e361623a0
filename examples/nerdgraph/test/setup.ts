import 'reflect-metadata';
import { breakerMatchers } from '@fusewire/testing/vitest';
import { expect } from 'vitest';

expect.extend(breakerMatchers);
