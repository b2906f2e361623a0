import { Module } from '@nestjs/common';
import { Operations } from './operations.ts';

@Module({ providers: [Operations], exports: [Operations] })
export class OperationsModule {}
