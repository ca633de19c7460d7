/** Onboardings in a worker of your own: `import { OnboardingPlugin } from 'verifik-onboarding/worker'`. */
export { KeyProviderError } from '../codec/index.js';
export { MisconfiguredError } from '../shared/config.js';
export { OnboardingPlugin, type OnboardingPluginOptions } from './plugin.js';
