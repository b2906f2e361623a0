import { Catch, Inject } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { refusalOf, refusalsWith } from '@fusewire/operations/server';
import type { Refusal, RefusalOf } from '@fusewire/operations/server';
import { CallTimeoutError, RejectedError, RetriesExhaustedError } from 'fusewire/errors';
import { throwError } from 'rxjs';
import { OPTIONS } from './module-options.ts';
import type { CircuitBreakerModuleOptions } from './options.ts';

/** Error that the filter answers. Of a filter which throws, NestJS catches nothing: with Express 4, the process would end. */
abstract class RefusedError {
  static [Symbol.hasInstance](error: unknown): boolean {
    if (error instanceof RejectedError || error instanceof CallTimeoutError) return true;
    return error instanceof RetriesExhaustedError && refusalOf(error) !== undefined;
  }
}

/**
 * Filter of rejected calls. HTTP: 503 with `Retry-After` and a problem document, or 504 after a timeout, on Express and Fastify.
 * Microservices: an error with the document. WebSockets: the event `exception`. GraphQL: an error with extensions.
 */
@Catch(RefusedError)
export class RefusalFilter implements ExceptionFilter {
  readonly #refusalOf: RefusalOf;
  readonly #host: HttpAdapterHost;

  constructor(@Inject(HttpAdapterHost) host: HttpAdapterHost, @Inject(OPTIONS) options: CircuitBreakerModuleOptions) {
    const { retryAfter, names } = options;
    this.#host = host;
    this.#refusalOf = refusalsWith({ retryAfter, names });
  }

  catch(error: unknown, host: ArgumentsHost): unknown {
    const refused = this.#refusalOf(error);
    if (refused === undefined) throw error;
    const { document } = refused;
    const answer = { status: 'error', message: document.detail, problem: document };
    switch (host.getType<string>()) {
      case 'http':
        return this.#reply(host, refused);
      case 'rpc':
        return throwError(() => answer);
      case 'ws':
        return host.switchToWs().getClient<{ emit(event: string, answer: unknown): void }>().emit('exception', answer);
      default:
        throw graphqlError(refused);
    }
  }

  #reply(host: ArgumentsHost, { status, headers, document }: Refusal): void {
    const { httpAdapter } = this.#host;
    const response: unknown = host.switchToHttp().getResponse();
    if (httpAdapter.isHeadersSent(response)) return;
    for (const [name, value] of Object.entries(headers)) httpAdapter.setHeader(response, name, value);
    httpAdapter.reply(response, JSON.stringify(document), status);
  }
}

/** Returns an error whose extensions GraphQL sends. */
function graphqlError({ status, document }: Refusal): Error {
  const code = status === 503 ? 'CIRCUIT_OPEN' : 'DEPENDENCY_TIMEOUT';
  const { retryAfter } = document;
  const extensions = { code, http: { status }, ...(retryAfter !== undefined && { retryAfter }) };
  return Object.assign(new Error(document.detail), { extensions });
}
