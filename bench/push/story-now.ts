/** The clock of the service when it begins: the people of the tests play before it, and enrolment is open. */
export const STORY_NOW = Date.parse('2025-06-01T12:00:00+08:00');
