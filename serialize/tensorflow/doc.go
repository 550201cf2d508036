// Package tensorflow gives the variables of TensorFlow models PyTorch's names and layouts, by
// the conventions of transformers' convert_tf_weight_name_to_pt_weight_name.
//
// It keeps no state: any number of goroutines may call it at once.
package tensorflow
