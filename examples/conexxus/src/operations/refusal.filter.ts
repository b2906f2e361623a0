import { Catch } from '@nestjs/common';
import type { ArgumentsHost } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { refusalOf } from '@fusewire/operations/server';

/** Answers 503 with `Retry-After` if a breaker or a policy has rejected a call, and 504 if the call timed out. */
@Catch()
export class RefusalFilter extends BaseExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {
    super(host.httpAdapter);
  }

  override catch(error: unknown, context: ArgumentsHost): void {
    const refusal = refusalOf(error);
    if (refusal === undefined) return super.catch(error, context);
    const response = context.switchToHttp().getResponse();
    for (const [name, value] of Object.entries(refusal.headers)) {
      this.host.httpAdapter.setHeader(response, name, value);
    }
    this.host.httpAdapter.reply(response, refusal.document, refusal.status);
  }
}
