/**
 * Modules without any state that all workflows of a worker share: loaded once, frozen, and so neither loaded anew nor kept in memory
 * for every workflow. Whatever has a state of its own, and all that calls the workflow API, is no module for this.
 */
import 'fp-ts/lib/Either.js';
import 'fp-ts/lib/function.js';
import 'io-ts';
import '../domain/batch/counts.js';
import '../domain/batch/progress.js';
import '../domain/batch/request.js';
import '../domain/changes.js';
import '../domain/checks.js';
import '../domain/decide.js';
import '../domain/decoding.js';
import '../domain/evolve.js';
import '../domain/legal-hold.js';
import '../domain/reads.js';
import '../domain/reports.js';
import '../domain/request.js';
import '../domain/review.js';
import '../domain/snapshot.js';
import '../domain/state.js';
import '../domain/time.js';
import '../domain/token.js';
import '../verifik/status-words.js';
