// Causal attention: a query looks at no later key. LATER is added to the score
// of one: as much as an attention mask takes off, so that a query whose earlier
// keys are all masked looks at them and at the later ones alike, but for those
// that are both, as the reference implementation does.
layout(constant_id = 3) const bool CAUSAL = false;
const float LATER = -1e30;
