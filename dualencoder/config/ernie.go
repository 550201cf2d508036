package config

// ERNIE describes an ERNIE (Sun et al., "ERNIE 2.0: A Continual Pre-training
// Framework for Language Understanding", 2019): a BERT that may be told its task.
type ERNIE struct {
	BERT
	TaskTypes int // 0: it is not told
}

func newERNIE(s section, modelType string) Text {
	e := &ERNIE{BERT: s.bert(modelType, plainBERT())}
	if types := s.integer("task_type_vocab_size", 3, 1, maxTokens); s.boolean("use_task_id", false) {
		e.TaskTypes = types
	}
	return e
}
