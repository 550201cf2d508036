package main

type selftestCmd struct{}

func (selftestCmd) Run() error { return nil }
