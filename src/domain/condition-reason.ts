/** `IMAGE_NOT_FOUND` → `ImageNotFound`: an error code as a condition's reason. */
export function toConditionReason(code: string): string {
  return code.toLowerCase().replaceAll(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
