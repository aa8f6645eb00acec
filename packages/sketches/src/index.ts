export { Distinct } from './distinct/distinct.ts';
export { Ewma, type EwmaOptions, type EwmaState } from './ewma.ts';
export { Quantiles } from './quantiles/quantiles.ts';
export { type TopTerm, TopTerms } from './top-terms/top-terms.ts';
export { type TrendingTerm, type TrendOptions, trendingTerms } from './trends.ts';
