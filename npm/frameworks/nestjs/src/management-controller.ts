import { All, Controller, Inject, Req, Res, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import type { BeforeApplicationShutdown, Type } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { management, nodeListener } from '@fusewire/operations/management';
import type { ManagementHandler, NodeRequest, NodeResponse } from '@fusewire/operations/management';
import { BreakerRegistry } from 'fusewire';
import { OPTIONS } from './module-options.ts';
import type { CircuitBreakerModuleOptions, ManagementMount } from './options.ts';

/** Patterns of paths with up to eight parts: the platforms and versions of NestJS have no common pattern for all paths. */
const PATHS = Array.from({ length: 8 }, (_, last) =>
  Array.from({ length: last + 1 }, (_, part) => `:part${part}`).join('/'),
);

/** Request of Express or Fastify. */
type PlatformRequest = NodeRequest & { readonly raw?: NodeRequest; readonly body?: unknown };

/** Response of Express or Fastify. */
type PlatformResponse = NodeResponse & { readonly raw?: NodeResponse; hijack?(): void };

/** Returns the controller of the management API. Its streams end before NestJS waits for the connections. */
export function managementController({ path, guards = [] }: ManagementMount): Type<unknown> {
  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(...guards)
  class ManagementController implements BeforeApplicationShutdown {
    readonly #registry: BreakerRegistry;
    readonly #options: CircuitBreakerModuleOptions;
    readonly #config: ApplicationConfig;
    #handler: ManagementHandler | undefined;
    #listener: ReturnType<typeof nodeListener> | undefined;

    constructor(
      @Inject(BreakerRegistry) registry: BreakerRegistry,
      @Inject(OPTIONS) options: CircuitBreakerModuleOptions,
      @Inject(ApplicationConfig) config: ApplicationConfig,
    ) {
      this.#registry = registry;
      this.#options = options;
      this.#config = config;
      // Invalid options are reported at start-up.
      management({ registry, ...options.management });
    }

    @All(PATHS)
    handle(@Req() request: PlatformRequest, @Res() response: PlatformResponse): void {
      response.hijack?.();
      this.#listener ??= nodeListener(this.#createHandler());
      this.#listener(nodeRequest(request), response.raw ?? response);
    }

    beforeApplicationShutdown(): void {
      this.#handler?.close();
    }

    /** Creates the handler, once the global prefix is known. */
    #createHandler(): ManagementHandler {
      const basePath = [this.#config.getGlobalPrefix(), path].map(withSlash).join('');
      this.#handler = management({ registry: this.#registry, ...this.#options.management, basePath });
      return this.#handler;
    }
  }
  return ManagementController;
}

function withSlash(path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  return trimmed === '' ? '' : `/${trimmed}`;
}

/** Returns the request of Node, with the body that the platform has read. */
function nodeRequest(request: PlatformRequest): NodeRequest {
  const { raw, body } = request;
  if (raw === undefined) return request;
  return body === undefined ? raw : (Object.create(raw, { body: { value: body } }) as NodeRequest);
}
