import { Inject, Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { BreakerRegistry } from 'fusewire';
import type { Observable } from 'rxjs';
import { withRegistry } from './bindings.ts';
import { handledIn } from './handled.ts';

/** Interceptor that gives objects which NestJS creates for a request the breakers of its application. */
@Injectable()
export class RegistryInterceptor implements NestInterceptor {
  readonly #registry: BreakerRegistry;

  constructor(@Inject(BreakerRegistry) registry: BreakerRegistry) {
    this.#registry = registry;
  }

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return handledIn((run) => withRegistry(this.#registry, run), next);
  }
}
