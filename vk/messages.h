#ifndef VKDUAL_MESSAGES_H
#define VKDUAL_MESSAGES_H

#include "trampoline.h"

// The callback that puts messages into the MessageQueue that user points to.
uint32_t VKAPI vkd_on_message(uint32_t severity, uint32_t types, const DebugCallbackData *, void *user);

#endif
