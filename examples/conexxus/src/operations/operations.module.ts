import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Operations } from './operations.ts';
import { RefusalFilter } from './refusal.filter.ts';

@Module({
  providers: [Operations, { provide: APP_FILTER, useClass: RefusalFilter }],
  exports: [Operations],
})
export class OperationsModule {}
