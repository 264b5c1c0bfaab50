/** Why a delivery is no notification. The codes are stable. */
export const NOTIFICATION_FAULTS = {
  'not-a-notification': 'The body is neither empty, nor a resource, nor a notification Bundle.',
  'status-missing': 'The Bundle does not begin with the status of a subscription.',
  'status-unreadable': 'The status of the subscription lacks something, or has it in another shape.',
  'id-missing': 'The resource has no usable id.',
  'id-mismatch': 'Address and body name different resources.',
  'focus-unreadable': 'What changed is not named as Type/id.',
  'focus-foreign': 'What changed is a resource of another server.',
  'entry-unreadable': 'An entry names no resource.',
} as const;

export interface NotificationFault {
  code: keyof typeof NOTIFICATION_FAULTS;
  /** FHIRPath to the element; null for the whole. */
  expression: string | null;
  /** Says what to do; never carries a value of the body. */
  message: string;
}

export function notificationFault(
  code: NotificationFault['code'],
  expression: string | null,
  message: string,
): NotificationFault {
  return { code, expression, message };
}
