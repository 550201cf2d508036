// Package vkdual is the root of the module; it holds no code. Go programmers
// want package dualencoder, and package runtime to open a device for it.
package vkdual
