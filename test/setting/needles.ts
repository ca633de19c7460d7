export { findNeedles, type Needle } from '../../chaos/judging/needles.js';
