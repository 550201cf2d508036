// The queue between the validation layer, which calls back on any thread, and
// Go, which takes messages when it likes: no thread of a driver enters Go.
#include "messages.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MESSAGES = 4096 }; // beyond it the newest are dropped

typedef struct Node {
	struct Node *next;
	uint32_t severity;
	char *id, *text;
} Node;

struct MessageQueue {
	atomic_flag lock;
	Node *first, **last;
	uint32_t count;
};

static char *copy(const char *s) {
	if (!s) s = "";
	size_t n = strlen(s) + 1;
	char *c = malloc(n);
	if (c) memcpy(c, s, n);
	return c;
}

static void lock(MessageQueue *q) {
	while (atomic_flag_test_and_set_explicit(&q->lock, memory_order_acquire)) {
	}
}

static void unlock(MessageQueue *q) { atomic_flag_clear_explicit(&q->lock, memory_order_release); }

MessageQueue *vkd_queue_new(void) {
	MessageQueue *q = calloc(1, sizeof *q);
	if (q) {
		atomic_flag_clear(&q->lock);
		q->last = &q->first;
	}
	return q;
}

void vkd_queue_free(MessageQueue *q) {
	uint32_t severity;
	char *id, *text;
	while (vkd_queue_take(q, &severity, &id, &text)) {
		free(id);
		free(text);
	}
	free(q);
}

int vkd_queue_take(MessageQueue *q, uint32_t *severity, char **id, char **text) {
	lock(q);
	Node *n = q->first;
	if (n) {
		q->first = n->next;
		if (!q->first) q->last = &q->first;
		q->count--;
	}
	unlock(q);
	if (!n) return 0;
	*severity = n->severity;
	*id = n->id;
	*text = n->text;
	free(n);
	return 1;
}

uint32_t VKAPI vkd_on_message(uint32_t severity, uint32_t types, const DebugCallbackData *data, void *user) {
	(void)types;
	MessageQueue *q = user;
	Node *n = calloc(1, sizeof *n);
	if (!n) return 0;
	n->severity = severity;
	n->id = copy(data->idName);
	n->text = copy(data->message);
	lock(q);
	int full = q->count >= MAX_MESSAGES;
	if (!full) {
		*q->last = n;
		q->last = &n->next;
		q->count++;
	}
	unlock(q);
	if (full) {
		free(n->id);
		free(n->text);
		free(n);
	}
	return 0; // the call that caused the message goes on
}
