/**
 * The builder kit of the tests: plain functions that make valid R4 resources of one synthetic person at a site.
 * Start with `feedContext('ya', 1)`; every builder takes that context first.
 */
export * from './builders/care.ts';
export * from './builders/codes.ts';
export * from './builders/collection.ts';
export * from './builders/condition.ts';
export * from './builders/consent.ts';
export * from './builders/meta.ts';
export * from './builders/need.ts';
export * from './builders/observation.ts';
export * from './builders/person.ts';
export { duplicateRegistration, type FeedContext, feedContext } from './context.ts';
