import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isKeyProvider, type KeyProvider, KeyProviderError, kindOf, providerFailure } from './keys.js';

/**
 * Provides the keys of the provider that a module exports by default. The module is imported at the first read. Errors
 * name the field.
 */
export const moduleKeys = (field: string, path: string): KeyProvider => {
  const wrong = (expected: string) => new KeyProviderError(`${field}: expected ${expected}`);
  const load = async (): Promise<KeyProvider> => {
    const module: { readonly default?: unknown } = await import(pathToFileURL(resolve(path)).href).catch(
      (error: unknown) => {
        throw wrong(`a module that can be imported (${kindOf(error)})`);
      },
    );
    if (isKeyProvider(module.default)) return module.default;
    throw wrong('a module whose default export is a key provider: an object with a function read');
  };
  return {
    read: async () => {
      try {
        return await (await load()).read();
      } catch (error) {
        throw providerFailure(error, (kind) => `${field}: expected a key provider that returns the keys (${kind})`);
      }
    },
  };
};
