export {
  type ForbiddenValue as Needle,
  findForbiddenValues as findNeedles,
} from '../../tools/chaos/judging/forbidden-values.js';
