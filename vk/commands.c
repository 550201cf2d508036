// Recording: a flat stream of numbers becomes a command buffer in one call.
#include "table.h"

int vkd_record(DeviceTable *t, uintptr_t commandBuffer, const uint64_t *p, uint64_t words, int oneTime) {
	Handle cb = (Handle)commandBuffer;
	CommandBufferBeginInfo begin = {.type = T_COMMAND_BUFFER_BEGIN_INFO, .flags = oneTime ? 1 : 0};
	int result = t->BeginCommandBuffer(cb, &begin);
	if (result != 0) return result;
	for (const uint64_t *end = p + words; p < end;) {
		switch (*p++) {
		case OP_BIND_PIPELINE:
			t->CmdBindPipeline(cb, BIND_COMPUTE, p[0]);
			p += 1;
			break;
		case OP_BIND_SET:
			t->CmdBindDescriptorSets(cb, BIND_COMPUTE, p[0], 0, 1, &p[1], 0, 0);
			p += 2;
			break;
		case OP_PUSH:
			t->CmdPushConstants(cb, p[0], STAGE_COMPUTE, 0, (uint32_t)p[1], p + 2);
			p += 2 + (p[1] + 7) / 8;
			break;
		case OP_DISPATCH:
			t->CmdDispatch(cb, (uint32_t)p[0], (uint32_t)p[1], (uint32_t)p[2]);
			p += 3;
			break;
		case OP_BARRIER: {
			MemoryBarrier_ b = {.type = T_MEMORY_BARRIER, .srcAccess = (uint32_t)p[2], .dstAccess = (uint32_t)p[3]};
			t->CmdPipelineBarrier(cb, (uint32_t)p[0], (uint32_t)p[1], 0, 1, &b, 0, 0, 0, 0);
			p += 4;
			break;
		}
		case OP_COPY_BUFFER: {
			BufferCopy c = {p[2], p[3], p[4]};
			t->CmdCopyBuffer(cb, p[0], p[1], 1, &c);
			p += 5;
			break;
		}
		case OP_FILL_BUFFER:
			t->CmdFillBuffer(cb, p[0], p[1], p[2], (uint32_t)p[3]);
			p += 4;
			break;
		case OP_RESET_QUERIES:
			t->CmdResetQueryPool(cb, p[0], (uint32_t)p[1], (uint32_t)p[2]);
			p += 3;
			break;
		case OP_TIMESTAMP:
			t->CmdWriteTimestamp(cb, (uint32_t)p[2], p[0], (uint32_t)p[1]);
			p += 3;
			break;
		}
	}
	return t->EndCommandBuffer(cb);
}
