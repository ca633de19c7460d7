export { findNeedles, type Needle } from '../../tools/chaos/judging/needles.js';
