/** The site, built once, in one browser: its reference, its pages and its calculator. */
import './site/reference.ts';
import './site/pages.ts';
import './site/calculator.ts';
