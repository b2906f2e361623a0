import { AsyncLocalStorage } from 'node:async_hooks';
import { createParamDecorator, Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { disconnectSignal } from '@fusewire/operations/server';
import type { ClosableResponse } from '@fusewire/operations/server';
import type { Observable } from 'rxjs';
import { handledIn } from './handled.ts';

const signals = new AsyncLocalStorage<AbortSignal>();

/**
 * Returns the signal of the decorated call that is running: it aborts when the call times out, or the client of the request goes.
 * Outside of such a call, that of the request; undefined outside of both.
 */
export function callSignal(): AbortSignal | undefined {
  return signals.getStore();
}

/** Runs a function with a signal that {@link callSignal} returns. */
export function withSignal<T>(signal: AbortSignal, run: () => T): T {
  return signals.run(signal, run);
}

/** Parameter of a controller: the signal of the request, which aborts if the client goes. Undefined where there is no HTTP. */
export const RequestSignal = createParamDecorator((_: unknown, context: ExecutionContext) => signalOf(context));

/** Interceptor that ends decorated calls when the client of their request goes. The module uses it unless `requestSignal` is false. */
@Injectable()
export class RequestSignalInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const signal = signalOf(context);
    if (signal === undefined) return next.handle();
    return handledIn((run) => withSignal(signal, run), next);
  }
}

function signalOf(context: ExecutionContext): AbortSignal | undefined {
  if (context.getType() !== 'http') return undefined;
  const response = context.switchToHttp().getResponse<ClosableResponse & { readonly raw?: ClosableResponse }>();
  return disconnectSignal(response.raw ?? response);
}
