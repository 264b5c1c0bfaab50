// Loaded before the service: its clock goes on from the day on which the people of the tests are eligible, so that they
// are screened as far as anybody can be.
import { STORY_NOW } from './story-now.ts';

const begun = Date.now();
const now = Date.now;
Date.now = () => STORY_NOW + now() - begun;
